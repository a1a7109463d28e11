// The two routes on what Spring Initializr starts for Spring Web, Spring Data JPA, Validation and the PostgreSQL driver:
// Tomcat with its threads, HikariCP and Hibernate as they are set out of the box.
package com.example.demo;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

@SpringBootApplication
public class DemoApplication {
  public static void main(String[] arguments) {
    SpringApplication.run(DemoApplication.class, arguments);
  }
}
